"""What the official client makes of the server: address and token are the arguments. Ends with "fine" or with the first surprise."""

import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1] + "/api/v1", api_key=sys.argv[2], max_retries=0, timeout=60)
question = [{"role": "user", "content": "Où ?"}]


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


names = [model.id for model in client.models.list()]
same(names, ["scripted-chat", "scripted-embeddings", "lectern-extractive"])
same(client.models.retrieve("scripted-chat").id, "scripted-chat")
refused(openai.NotFoundError, lambda: client.models.retrieve("nobody/at-all"))

answer = client.chat.completions.create(model="scripted-chat", messages=question, temperature=0)
same(answer.choices[0].message.content, "Ça dépend 🚀 du guichet.")
same(answer.choices[0].finish_reason, "stop")
stream = client.chat.completions.create(model="scripted-chat", messages=question, stream=True)
chunks = list(stream)
same("".join(chunk.choices[0].delta.content or "" for chunk in chunks), "Ça dépend 🚀 du guichet.")
same(chunks[-1].choices[0].finish_reason, "stop")

own = client.chat.completions.create(model="lectern-extractive", messages=question, extra_body={"rag": {"mode": None}})
assert own.choices[0].message.content
own = client.chat.completions.create(model="lectern-extractive", messages=question, stream=True)
assert "".join(chunk.choices[0].delta.content or "" for chunk in own)

# The client asks for base64 unless it is told otherwise, and decodes it.
vectors = client.embeddings.create(model="scripted-embeddings", input=["un", "deux mots"])
same(sorted(entry.index for entry in vectors.data), [0, 1])
same([len(entry.embedding) for entry in vectors.data], [8, 8])
numbers = client.embeddings.create(model="scripted-embeddings", input=["un", "deux mots"], encoding_format="float")
same([entry.embedding for entry in numbers.data], [entry.embedding for entry in vectors.data])

unknown = refused(openai.PermissionDeniedError, lambda: client.chat.completions.create(model="nobody", messages=question))
same(unknown.body, {"detail": "LLM model not found: nobody"})
wrong = refused(
    openai.UnprocessableEntityError,
    lambda: client.chat.completions.create(model="scripted-chat", messages=question, temperature=9),
)
same((wrong.param, wrong.code, wrong.type), ("temperature", "invalid_value", "invalid_request_error"))
stranger = client.with_options(api_key="wrong")
refused(openai.AuthenticationError, lambda: stranger.models.list())
# The endpoint's own refusal, streamed or not: a model that it does not take.
for streamed in (False, True):
    error = refused(
        openai.BadRequestError,
        lambda: client.chat.completions.create(model="scripted-chat", messages=question, stream=streamed, user="refuse me"),
    )
    same(error.status_code, 400)

print("fine")
