"""`extends:` within one file: a deep merge of mappings, the job's own entries last (GitLab docs, 'extends')."""

import yaml

from .ci_yaml import MERGED, Entries, Reader

_MAPPING = "tag:yaml.org,2002:map"
_DEEPEST = 11  # GitLab docs: at most eleven levels of inheritance


def extended(reader: Reader, jobs: Entries, name: str, depth: int = 0) -> Entries:
    """Return the job's entries with those of all that it extends beneath them; `jobs` are the file's top entries."""
    own = reader.entries(jobs[name], name)
    if "extends" not in own:
        return own
    merged: Entries = {}
    for parent, node in _parents(reader, own["extends"], name):
        if parent not in jobs:
            reader.complain(node, f"{name} extends {parent}, which is not in this file", MERGED)
        elif depth >= _DEEPEST:
            reader.complain(node, f"{name} extends itself, or more than {_DEEPEST} levels", "break the circle")
            return own
        else:
            merged = _deep_merge(reader, merged, extended(reader, jobs, parent, depth + 1))
    return _deep_merge(reader, merged, own)


def _parents(reader: Reader, node: yaml.Node, name: str) -> list[tuple[str, yaml.Node]]:
    what = f"{name}.extends"
    nodes = reader.items(node, what) if isinstance(node, yaml.SequenceNode) else [node]
    return [(text, each) for each in nodes if (text := reader.text(each, what)) is not None]


def _deep_merge(reader: Reader, below: Entries, above: Entries) -> Entries:
    merged = dict(below)
    for key, node in above.items():
        under = merged.get(key)
        if under is not None and under.tag == node.tag == _MAPPING:
            merged[key] = _merged_mapping(reader, key, under, node)
        else:
            merged[key] = node
    return merged


def _merged_mapping(reader: Reader, what: str, under: yaml.Node, over: yaml.Node) -> yaml.MappingNode:
    entries = _deep_merge(reader, reader.entries(under, what), reader.entries(over, what))
    pairs = [(yaml.ScalarNode("tag:yaml.org,2002:str", key), node) for key, node in entries.items()]
    return yaml.MappingNode(_MAPPING, pairs, over.start_mark, over.end_mark)
