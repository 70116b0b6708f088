import pytest

from tests.doc_blocks import agree, blocks, commands, lone_answers

DOC = """
# A title

```console
$ curl -s \\
  http://127.0.0.1:8000/classes
$ fashion-train summary
dense  7850
```

```sh
# a remark
make serve
```

```json
{"answer": 1}
```

Words.

```json
{"alone": 1}
```

```python
print(1)
```
"""


def test_commands_come_with_the_output_below_them():
    found = commands(blocks("DOC.md", DOC))

    assert [(one.place, " ".join(one.text.split()), one.expected) for one in found] == [
        ("DOC.md:4", "curl -s http://127.0.0.1:8000/classes", ""),
        ("DOC.md:4", "fashion-train summary", "dense  7850\n"),
        ("DOC.md:11", "make serve", '{"answer": 1}\n'),
        ("DOC.md:26", "python - <<'END' print(1) END", ""),
    ]


def test_json_without_a_command_is_found():
    assert lone_answers(blocks("DOC.md", DOC)) == ["DOC.md:22"]


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ("a\n...\nz", "a\nb\nc\nz\n"),
        ("took ... s", "took 1.25 s"),
        ("digest f4275e894", "digest f4275e894"),
        ("accuracy 0.8701 of 3", "accuracy 0.87015 of 3"),
        ('{\n  "p": 0.98,\n  "request_id": "a"\n}', '{"p":0.98004,"request_id":"b"}'),
        ('{\n  "p": 0.0001,\n  ...\n}', '{"p":1.2e-04,"q":[1,2]}'),
    ],
)
def test_outputs_agree_up_to_rounding_and_layout(expected, got):
    assert agree(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ("a\nz", "a\nb\nz"),
        ("accuracy 0.87", "accuracy 0.8703"),
        ("of 3", "of 4"),
        ('{"p": 0.98}', '{"p":0.98,"q":1}'),
        ('{"name": "Bag"}', '{"name":"Dress"}'),
        ("digest 4275e894f", "digest 4276e894f"),
    ],
)
def test_outputs_that_differ_otherwise_do_not_agree(expected, got):
    assert not agree(expected, got)
