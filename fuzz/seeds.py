"""Writes what fuzzing begins from: the examples of the documents, and the published vectors of signatures."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT / "fuzz" / "corpus"


def keep(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")


for page in sorted((ROOT / "docs/hospital/transactions").glob("*.md")):
    example = re.search(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    if example:
        message = json.loads(example[1])
        keep("hospital_message", f"page-{page.stem}", json.dumps(message, ensure_ascii=False))

for number, vector in enumerate(json.loads((ROOT / "docs/hospital/vectors.json").read_text(encoding="utf-8"))):
    headers = "".join(f"{name}: {value}\n" for name, value in vector["headers"].items())
    keep("gateway", f"vector-{number}", f"0{headers}\n{vector['body']}")
    if vector["scheme"] == "oauth":
        keep("gateway", f"body-{number}", f"3{vector['body']}")

examples = json.loads((ROOT / "crates/server/src/rest/examples.json").read_text(encoding="utf-8"))
for operation, body in examples.items():
    keep("rest_call", operation, f"{operation} 1\n{json.dumps(body, ensure_ascii=False)}")
