"""Texts of messages as templates: a default in each language, versions of administrators, and how they are rendered.

`syntax` reads a text, `declarations` says what it may have in it, `checks` refuses what is wrong, `rendering` makes the
mail and the text message. All four are pure. The defaults are the files of `texts/`; `store` has the versions.
"""
