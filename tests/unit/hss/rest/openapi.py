# SPDX-License-Identifier: GPL-2.0-or-later
"""An OpenAPI document as the judge of real answers: the part of JSON Schema that ours uses, and no more; a word of it
that is not known here is an error, so that nothing is passed over."""
import json
import re

WORDS = {"type", "enum", "pattern", "minimum", "maximum", "minItems", "maxItems", "maxLength", "items", "properties",
         "required", "additionalProperties", "oneOf", "$ref", "description", "default"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}


class Document:
    def __init__(self, text):
        self.doc = json.loads(text)
        self.templates = [(path, re.compile("^" + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$"))
                          for path in self.doc["paths"]]
        self.seen = set()  # (path, method, status)

    def resolve(self, node):
        while "$ref" in node:
            at = self.doc
            for name in node["$ref"].removeprefix("#/").split("/"):
                at = at[name]
            node = at
        return node

    def wrong(self, value, schema, where="answer"):
        """What is wrong with a value, or None."""
        schema = self.resolve(schema)
        unknown = set(schema) - WORDS
        if unknown:
            return "%s: the schema has %s" % (where, unknown)
        if "oneOf" in schema:
            fits = [s for s in schema["oneOf"] if not self.wrong(value, s)]
            return None if len(fits) == 1 else "%s: fits %d of oneOf" % (where, len(fits))
        kind = schema.get("type")
        if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
            return "%s is no %s: %r" % (where, kind, value)
        if "enum" in schema and value not in schema["enum"]:
            return "%s: %r is not in %s" % (where, value, schema["enum"])
        if kind == "string" and ("pattern" in schema and not re.search(schema["pattern"], value)
                                 or len(value) > schema.get("maxLength", len(value))):
            return "%s: %r does not fit" % (where, value)
        if kind == "integer" and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            return "%s: %d is out of bounds" % (where, value)
        if kind == "array":
            return self.wrong_array(value, schema, where)
        if kind == "object":
            return self.wrong_object(value, schema, where)
        return None

    def wrong_array(self, value, schema, where):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return "%s has %d items" % (where, len(value))
        for i, item in enumerate(value):
            wrong = self.wrong(item, schema.get("items", {}), "%s[%d]" % (where, i))
            if wrong:
                return wrong
        return None

    def wrong_object(self, value, schema, where):
        properties = schema.get("properties", {})
        missing = set(schema.get("required", ())) - set(value)
        if missing:
            return "%s lacks %s" % (where, missing)
        rest = schema.get("additionalProperties", True)
        for name, v in value.items():
            if name in properties:
                wrong = self.wrong(v, properties[name], where + "." + name)
            elif rest is False:
                wrong = "%s has %s" % (where, name)
            else:
                wrong = self.wrong(v, rest, where + "." + name) if isinstance(rest, dict) else None
            if wrong:
                return wrong
        return None

    def operation(self, method, path):
        """The path's template and the operation, or None."""
        for template, pattern in sorted(self.templates, key=lambda t: "{" in t[0]):
            if pattern.match(path):
                return template, self.doc["paths"][template].get(method.lower())
        return None, None

    def judge(self, method, path, status, content_type, body):
        """What is wrong with an answer, or None."""
        template, operation = self.operation(method, path.split("?")[0])
        if not operation:
            return "no operation" if status not in (400, 404, 405) else None
        answer = operation["responses"].get(str(status))
        if not answer:
            return "status %d is not in the document" % status
        self.seen.add((template, method, status))
        content = self.resolve(answer)["content"]
        media = content_type.split(";")[0]
        if media not in content:
            return "type %s is not in the document" % media
        if "json" not in media:
            return None
        return self.wrong(json.loads(body), content[media]["schema"])

    def operations(self):
        for path, item in self.doc["paths"].items():
            for method in item:
                if method != "parameters":
                    yield path, method.upper(), item[method]
