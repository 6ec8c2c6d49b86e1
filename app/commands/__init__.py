"""The commands of `ventanilla`, one file a family. They speak to people through Rich and start the rest."""
