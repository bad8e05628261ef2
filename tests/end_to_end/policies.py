"""Policies of the sites in studies.py, as text."""

import json

COLUMNS = {"time": "outcome", "event": "outcome", "arm": "other", "age": "quasi_identifier"}

RULE = {
    "name": "outcomes research",
    "analyses": ["kaplan_meier", "log_rank", "describe", "count"],
    "protocols": ["any"],
    "analysts": ["ana"],
    "purposes": ["any"],
    "columns": ["outcome", "other", "quasi_identifier"],
}


def toml(value):
    if not isinstance(value, dict):
        return json.dumps(value)
    return "{ " + ", ".join(f"{json.dumps(name)} = {toml(each)}" for name, each in value.items()) + " }"


def table(header, settings):
    return "".join([f"[{header}]\n", *(f"{json.dumps(name)} = {toml(value)}\n" for name, value in settings.items())])


def policy(site, *rules, version=1, columns=None, deny=(), frequency=None):
    """A policy's text; each rule is RULE with changes. `frequency` belongs to the last rule."""
    text = f'version = {version}\nsite = "{site}"\n' + table("columns.trial", columns or COLUMNS)
    text += "".join(table("[deny]", each) for each in deny)
    text += "".join(table("[rule]", {**RULE, **rule}) for rule in rules)
    return text + (table("[rule.frequency]", frequency) if frequency else "")


def install(nodes, site, text):
    """Writes the policy and names it in the site's node.toml: it holds from the node's next start on."""
    (nodes.folder / f"{site}.policy.toml").write_text(text)
    settings = nodes.folder / f"{site}.toml"
    line = f'policy = "{site}.policy.toml"\n'
    if line not in settings.read_text():
        settings.write_text(settings.read_text() + line)
