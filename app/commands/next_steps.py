"""Next steps of problems in terms of commands: those of the pages mention addresses, pages and lists."""

from app.kernel.problems import Conflict, NotFound, Problem

OF_PAGES = {
    NotFound: "Look at what there is with the command's `list`.",
    Conflict: "Look at how things are now, and run the command again.",
}
"""Next steps for operators of problems whose own text is about pages."""

STEPS_OF = {
    "baseline-unknown": "See them all: ventanilla savings baseline list",
    "baseline-immutable": "Begin a draft: ventanilla savings baseline import FILE",
    "draft-exists": "Go on with that draft (ventanilla savings baseline import FILE), or publish it.",
    "parameters-invalid": "Mend the rows in the file and import it again; nothing was changed.",
    "parameter-missing": "Add the row to the file of parameters, import it and publish: ventanilla savings baseline",
    "price-index-unknown": "Give another year with --prices.",
    "username-taken": "Choose another user name. See them all: ventanilla staff list",
    "last-administrator": "Give another person that role first: ventanilla staff change",
    "figure-not-defined": "See them all: ventanilla law list",
    "stale": "Run the command again.",
}
"""By the slug of the problem."""


def detail_of(problem: Problem) -> str:
    """Return the detail of a problem without what applies to pages only."""
    return "" if problem.text() in {kind().text() for kind in OF_PAGES} else problem.text()


def step_of(problem: Problem) -> str:
    """Return an operator's next step."""
    steps = {kind().advice(): step for kind, step in OF_PAGES.items()}
    return STEPS_OF.get(problem.slug) or steps.get(problem.advice(), problem.advice())
