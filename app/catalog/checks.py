"""Cross-field validation of service files, beyond what their schema can express."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import ValidationError

from app.catalog import vocabulary
from app.catalog.definition import Eligibility, FieldView, Service
from app.catalog.figures import figures_named
from app.catalog.rules.eligibility.facts import CONDITION_FACTS
from app.catalog.rules.eligibility.registry import Rule, figures_in, rule_named
from app.catalog.rules.workflow import validate
from app.catalog.yaml_files import FieldPath, ValidationIssue, YamlDocument
from app.law.definitions import definitions, shipped
from app.law.rules import figures_named_in, resolve_parameters

Issues = Iterator[tuple[FieldPath, str]]
CHECKING = "checking"
OWN_WORKFLOW = ("workflow", "states")
DIGITS = re.compile(r"\^\[0-9\]\{[0-9]+\}\$")
"""A pattern that says itself what to type: a count of digits."""
SCALARS = {"string", "number", "integer", "boolean", "null"}


def check(service: Service, document: YamlDocument, stem: str) -> list[ValidationIssue]:
    """Return every issue of a file whose blocks are individually valid."""
    found = [*_identity(service, stem), *_form(service), *_conditions(service), *_rules(service), *_documents(service)]
    found += [*_law_figures(service)]
    found += [*_decision(service), *_vocabulary(service), *_assurance(service)]
    found += [*_workflow(service, is_own=OWN_WORKFLOW in document.lines)]
    return [document.issue(path, message) for path, message in found]


def properties(service: Service) -> dict[str, dict[str, Any]]:
    """The form's properties and their schemas."""
    named = service.form.json_schema.get("properties", {})
    return {name: one for name, one in named.items() if isinstance(one, dict)} if isinstance(named, dict) else {}


def _identity(service: Service, stem: str) -> Issues:
    if service.id != stem:
        yield ("id",), f"the file is called {stem}.yaml"


def _form(service: Service) -> Issues:
    schema = service.form.json_schema
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield ("form", "schema", *error.path), f"not a JSON Schema (2020-12): {error.message}"
        return
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        yield ("form", "schema"), "must be `type: object` with `additionalProperties: false`"
    for name in schema.get("properties", {}):
        path: FieldPath = ("form", "schema", "properties", name)
        if not _is_limited(schema["properties"][name]):
            yield path, "its size needs a limit (type and maxLength, maxItems, enum or const)"
        if name not in service.form.fields:
            yield path, "nothing says how to ask for it (`fields`)"
    yield from _required(service)
    yield from _presentation(service)


def _is_limited(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    if {"enum", "const"} & set(schema):
        return True
    given = schema.get("type")
    kinds = set(given) if isinstance(given, list) else {given}
    if "array" in kinds and not ("maxItems" in schema and _is_limited(schema.get("items"))):
        return False
    return kinds <= {*SCALARS, "array"} and ("string" not in kinds or "maxLength" in schema)


def _required(service: Service) -> Issues:
    for n, name in enumerate(service.form.json_schema.get("required", [])):
        view = service.form.fields.get(name)
        if name not in properties(service):
            yield ("form", "schema", "required", n), f"the schema has no {name!r}"
        elif view is not None and view.show_when:
            yield ("form", "schema", "required", n), f"{name!r} isn't always shown: require it with if and then"


def _presentation(service: Service) -> Issues:
    named = properties(service)
    shown = [(p, f, name) for p, page in enumerate(service.form.pages) for f, name in enumerate(page.fields)]
    for p, f, name in shown:
        if name not in named:
            yield ("form", "pages", p, "fields", f), f"the schema has no {name!r}"
    for name in named:
        times = sum(name == shown_name for _p, _f, shown_name in shown)
        if times != 1:
            yield ("form", "schema", "properties", name), f"must be on one page; it is on {times}"
    for name, view in service.form.fields.items():
        path: FieldPath = ("form", "fields", name)
        if name not in named:
            yield path, "the schema has no such property"
            continue
        allowed = named[name].get("enum")
        if view.options and [option.value for option in view.options] != allowed:
            yield (*path, "options"), f"must be the schema's enum, in its order: {allowed}"
        if view.widget in ("radios", "select") and not view.options:
            yield path, f"{view.widget} needs options"
        yield from _limits_in_words(path, view, str(named[name].get("pattern", "")))
        if view.prefill is not None and view.prefill not in vocabulary.PREFILL:
            yield (*path, "prefill"), f"unknown; there are {sorted(vocabulary.PREFILL)}"


def _limits_in_words(path: FieldPath, view: FieldView, pattern: str) -> Issues:
    explains_itself = not pattern or view.widget in ("curp", "nss", "nss-or-curp", "clabe") or DIGITS.fullmatch(pattern)
    if not explains_itself and view.wrong is None:
        yield path, "`wrong` must say what to type: the pattern means nothing to people"
    if view.latest is not None and view.widget != "date":
        yield (*path, "latest"), "only a date has a last day"


def _conditions(service: Service) -> Issues:
    named = properties(service)
    blocks = [
        *((("form", "fields", n, "show_when"), view.show_when) for n, view in service.form.fields.items()),
        *((("documents", n, "when"), document.when) for n, document in enumerate(service.documents)),
        *((("eligibility", n, "when"), one.when) for n, one in enumerate(service.eligibility)),
        *((("target", "by_answer", n, "when"), case.when) for n, case in enumerate(service.target.by_answer)),
        *((("decision", "reasons", n, "when"), reason.when) for n, reason in enumerate(service.decision.reasons)),
    ]
    for path, conditions in blocks:
        for name, values in conditions.items():
            is_of_answers = path[-1] == "show_when" or path[0] == "decision"
            if name not in named and (is_of_answers or name not in CONDITION_FACTS):
                yield (*path, name), f"no answer or fact is called {name!r}"
            allowed = named.get(name, {}).get("enum")
            if allowed is not None and any(value not in allowed for value in values):
                yield (*path, name), f"{name!r} is one of {allowed}"
    for n, name in enumerate(service.duplicates_by):
        if name not in named:
            yield ("duplicates_by", n), f"the schema has no {name!r}"


def _rules(service: Service) -> Issues:
    named = set(properties(service))
    for n, one in enumerate(service.eligibility):
        rule = rule_named(one.rule)
        if rule is None:
            yield ("eligibility", n, "rule"), f"there is no rule {one.rule!r}"
            continue
        unknown = [found for found in figures_named_in(one.parameters) if found[1] not in definitions()]
        if unknown:
            continue
        try:
            for value in (_sample_value, _min_value, _max_value):
                rule.parameters.model_validate(resolve_parameters(one.parameters, value))
        except ValidationError as error:
            for fault in error.errors():
                yield ("eligibility", n, "with", *fault["loc"]), fault["msg"]
            continue
        yield from _findings(rule, one, ("eligibility", n))
        if rule.concerns_others and (one.otherwise != "review" or service.decision.by != "officer"):
            yield ("eligibility", n, "otherwise"), "what the registry knows of another person is for an officer: review"
        for key in ("field", "value"):
            if one.parameters.get(key) and one.parameters[key] not in named:
                yield ("eligibility", n, "with", key), f"the schema has no {one.parameters[key]!r}"


def _sample_value(figure: str) -> Any:
    """Return a past value of the figure, which has the type that a parameter needs."""
    return shipped().of(figure)[0].value


def _min_value(figure: str) -> Any:
    """Return the lower limit of the figure: a rule must accept every possible value."""
    definition = definitions()[figure]
    return _sample_value(figure) if definition.is_table else definition.limits.least


def _max_value(figure: str) -> Any:
    """Return the upper limit of the figure."""
    definition = definitions()[figure]
    return _sample_value(figure) if definition.is_table else definition.limits.most


def _law_figures(service: Service) -> Issues:
    """Check references to figures of law; texts may reference numbers only."""
    blocks = [(("eligibility", n, "with"), one.parameters) for n, one in enumerate(service.eligibility)]
    for path, parameters in [*blocks, (("result", "with"), service.result.parameters)]:
        for key, figure in figures_named_in(parameters):
            if figure not in definitions():
                yield (*path, key), f"there is no figure of law {figure!r}: see app/law/figures.yaml"
    for n, figure in enumerate(service.figures):
        if figure not in definitions():
            yield ("figures", n), f"there is no figure of law {figure!r}: see app/law/figures.yaml"
    for path, text in _walk_texts(service.model_dump(mode="json", by_alias=True), ()):
        for figure in figures_named(text):
            definition = definitions().get(figure)
            if definition is None or definition.is_table:
                yield path, f"there is no number among the figures of law called {figure!r}"


def _walk_texts(part: object, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(part, str):
        yield path, part
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, inner in items:
        yield from _walk_texts(inner, (*path, key))


def _findings(rule: Rule, asked: Eligibility, path: FieldPath) -> Issues:
    """Check the texts of a failed rule: they state the finding with its values, not the condition."""
    for finding in sorted(set(asked.findings) - set(rule.findings)):
        yield (*path, "findings", finding), f"{rule.name} finds {sorted(rule.findings)}"
    if not rule.findings:
        yield (*path, "rule"), f"{rule.name} has no words for what it finds when it doesn't hold"
    for finding, text in rule.findings.items():
        own = asked.findings.get(finding)
        if own is None:
            if text is None:
                yield (*path, "findings"), f"needs the words for {finding!r}: the fact found, not the condition"
            elif text == asked.text.es:
                yield (*path, "text"), "is what the rule says when it doesn't hold"
            continue
        needed = figures_in(text or "")
        for language in ("es", "en"):
            wording = getattr(own, language)
            if figures_in(wording) != needed:
                yield (*path, "findings", finding, language), f"must show the figures {sorted(needed)}"
            if wording == getattr(asked.text, language):
                yield (*path, "findings", finding, language), "is the condition itself: say the fact found"


def _documents(service: Service) -> Issues:
    kinds = [document.kind for document in service.documents]
    for n, kind in enumerate(kinds):
        if kind in kinds[:n]:
            yield ("documents", n, "kind"), f"{kind!r} is there twice"


def _decision(service: Service) -> Issues:
    decided_by = {"instant": "rules", "automatic": "rules", "reviewed": "officer"}
    if service.decision.by != decided_by[service.kind]:
        yield ("decision", "by"), f"{service.kind} services are decided by {decided_by[service.kind]}"
    if service.kind == "instant" and (service.target.working_days or service.documents):
        yield ("kind",), "an instant service has a target of 0 days and asks for no documents"
    outcomes = {reason.outcome for reason in service.decision.reasons}
    if service.kind != "instant" and outcomes != {"approved", "refused"}:
        yield ("decision", "reasons"), "needs reasons to approve and to refuse"
    codes = [reason.code for reason in service.decision.reasons]
    for n, reason in enumerate(service.decision.reasons):
        if reason.outcome == "refused" and reason.ground is None:
            yield ("decision", "reasons", n), "a refusal needs its legal ground"
        if reason.code in codes[:n]:
            yield ("decision", "reasons", n, "code"), f"{reason.code!r} is there twice"


def _vocabulary(service: Service) -> Issues:
    for n, effect in enumerate(service.result.effects):
        if effect not in vocabulary.EFFECTS:
            yield ("result", "effects", n), f"unknown; there are {sorted(vocabulary.EFFECTS)}"
    if service.result.certificate is not None and service.result.certificate not in vocabulary.CERTIFICATES:
        yield ("result", "certificate"), f"unknown; there are {sorted(vocabulary.CERTIFICATES)}"
    if service.baseline not in vocabulary.BASELINES:
        yield ("baseline",), f"unknown; there are {sorted(vocabulary.BASELINES)}"


def _assurance(service: Service) -> Issues:
    """A caller at low assurance may be an impostor: such a service must neither show nor change registry data."""
    if service.assurance != "low":
        return
    if service.kind == "instant":
        yield ("assurance",), "an instant service answers from the registry: it needs the full level"
    for n, effect in enumerate(service.result.effects):
        if effect not in vocabulary.LOW_EFFECTS:
            yield ("result", "effects", n), f"at the low level there are only {sorted(vocabulary.LOW_EFFECTS)}"
    for n, one in enumerate(service.eligibility):
        if one.rule not in vocabulary.LOW_RULES:
            yield ("eligibility", n, "rule"), f"at the low level there are only {sorted(vocabulary.LOW_RULES)}"


def _workflow(service: Service, *, is_own: bool) -> Issues:
    if is_own:  # issues of a shared workflow are reported once, for its file
        yield from ((("workflow",), fault) for fault in validate(service.workflow))
    for action in ("refuse", "approve" if service.decision.by == "rules" else "refer"):
        if service.workflow.allowed_transition(CHECKING, action, "system") is None:
            yield ("workflow",), f"the rules need a transition to {action} from a state {CHECKING!r}"
    actions = {transition.action for transition in service.workflow.transitions}
    if ("appeal" in actions) != (service.appeal is not None):
        yield ("appeal",), "is there exactly when the workflow has a transition to appeal"
    if ("invite" in actions) != (service.visit is not None):
        yield ("visit",), "is there exactly when the workflow has a visit"
    if ("undo" in actions) != bool(vocabulary.UNDOABLE_EFFECTS & set(service.result.effects)):
        yield (
            ("workflow",),
            f"has a transition to undo exactly when it has one of {sorted(vocabulary.UNDOABLE_EFFECTS)}",
        )
    if service.kind == "instant" and "refer" in actions:
        yield ("workflow",), "an instant service never waits for an officer"
