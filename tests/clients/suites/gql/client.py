"""gql for Python: each test is a function, and a line of JSON on standard output says what became of it."""

import asyncio
import io
import json
import os
import sys
import traceback
import uuid

from gql import Client, FileVar, GraphQLRequest, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["ROSTER_URL"] + "/graphql"
AUTHORIZATION = {"Authorization": "Bearer " + os.environ["ROSTER_TOKEN"]}

CREATE_CONTACT = """mutation ($input: CreateContactInput!) {
    createContact(input: $input) { contact { id name } userErrors { field code message } } }"""
CREATE_IMPORT = """mutation ($input: CreateImportInput!) {
    createImport(input: $input) { import { id status fileName inspection { rowCount } } userErrors { code } } }"""
START_IMPORT = "mutation ($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { code } } }"
PROGRESS = """subscription ($id: ID!) {
    importProgress(id: $id) { status createdCount failedCount progress { done total } } }"""


def request(query, **variables):
    return GraphQLRequest(query, variable_values=variables)


def by_http(**options):
    return Client(transport=AIOHTTPTransport(url=URL, headers=AUTHORIZATION), **options)


def by_socket(payload=AUTHORIZATION, **options):
    protocols = [WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
    url = URL.replace("http", "ws", 1)
    return Client(transport=WebsocketsTransport(url=url, init_payload=payload, subprotocols=protocols, **options))


def people(count):
    """A file of so many people whom nobody knows yet."""
    rows = [f"Ann{n},Müller,ann{uuid.uuid4().hex}@example.com" for n in range(count)]
    return io.BytesIO("\n".join(["First Name,Last Name,Email", *rows, ""]).encode())


async def imported(session, count):
    """Uploads a file and starts its import; answers the id."""
    # aiohttp percent-encodes any other name, as no browser does.
    file = FileVar(people(count), filename="people.csv", content_type="text/csv")
    create = {"file": file, "country": "DE", "consentConfirmed": True}
    answer = await session.execute(request(CREATE_IMPORT, input=create), upload_files=True)
    made = answer["createImport"]["import"]
    assert answer["createImport"]["userErrors"] == [], answer
    assert (made["fileName"], made["inspection"]["rowCount"]) == ("people.csv", count), made
    answer = await session.execute(request(START_IMPORT, input={"id": made["id"], "matchBy": ["EMAIL"]}))
    assert answer["startImport"]["userErrors"] == [], answer
    return made["id"]


async def a_query_and_a_mutation(client):
    async with client as session:
        assert await session.execute(gql("{ viewer { role } }")) == {"viewer": {"role": "OWNER"}}
        name = "Ann ü " + uuid.uuid4().hex
        answer = await session.execute(request(CREATE_CONTACT, input={"contact": {"name": name}}))
        found = "query ($f: ContactFilter) { contacts(filter: $f) { nodes { id name } } }"
        page = await session.execute(request(found, f={"name": {"eq": name}}))
        assert page["contacts"]["nodes"] == [answer["createContact"]["contact"]], page


async def a_query_and_a_mutation_by_http():
    await a_query_and_a_mutation(by_http())


async def a_query_and_a_mutation_by_socket():
    await a_query_and_a_mutation(by_socket())


async def the_schema_that_it_fetches_checks_documents():
    async with by_http(fetch_schema_from_transport=True) as session:
        await session.execute(gql("{ viewer { role } }"))
        try:
            await session.execute(gql("{ nothing }"))
        except Exception as error:
            assert "Cannot query field 'nothing'" in str(error), error
        else:
            raise AssertionError("the document should not have passed")


async def what_a_person_can_mend_is_data():
    async with by_http() as session:
        answer = await session.execute(request(CREATE_CONTACT, input={"contact": {"email": "no address"}}))
        assert answer["createContact"]["contact"] is None
        assert [error["code"] for error in answer["createContact"]["userErrors"]] == ["EMAIL_INVALID"]


async def an_error_of_the_document_is_raised():
    for client in (by_http(), by_socket()):
        async with client as session:
            try:
                await session.execute(gql("{ nothing }"))
            except TransportQueryError as error:
                assert error.errors[0]["extensions"]["code"] == "BAD_USER_INPUT", error
            else:
                raise AssertionError("there was no error")


async def a_file_goes_up_and_its_import_is_watched_to_its_end():
    async with by_http() as session, by_socket() as socket:
        made = await imported(session, 200)
        seen = [state["importProgress"] async for state in socket.subscribe(request(PROGRESS, id=made))]
        done = [state["progress"]["done"] for state in seen]
        assert done == sorted(done), done
        last = seen[-1]
        assert (last["status"], last["createdCount"], last["failedCount"]) == ("COMPLETED", 200, 0), last


async def several_subscriptions_share_a_socket():
    async with by_http() as session, by_socket(ping_interval=0.05, answer_pings=True) as socket:
        ids = [await imported(session, 20), await imported(session, 20)]

        async def last(id):
            return [state["importProgress"] async for state in socket.subscribe(request(PROGRESS, id=id))][-1]

        ends = await asyncio.gather(*map(last, ids))
        assert [end["createdCount"] for end in ends] == [20, 20], ends


async def a_wrong_token_does_not_come_in():
    try:
        async with by_socket({"Authorization": "Bearer rst_wrong"}):
            raise AssertionError("it came in")
    except TransportConnectionFailed as error:
        assert "4403" in str(error.__cause__), repr(error.__cause__)


TESTS = {
    test.__name__: test
    for test in (
        a_query_and_a_mutation_by_http,
        a_query_and_a_mutation_by_socket,
        the_schema_that_it_fetches_checks_documents,
        what_a_person_can_mend_is_data,
        an_error_of_the_document_is_raised,
        a_file_goes_up_and_its_import_is_watched_to_its_end,
        several_subscriptions_share_a_socket,
        a_wrong_token_does_not_come_in,
    )
}


async def main():
    for name, test in TESTS.items():
        problem = None
        try:
            await asyncio.wait_for(test(), 60)
        except Exception:
            problem = traceback.format_exc(limit=-2, chain=False)
        print(json.dumps({"name": name.replace("_", " "), "problem": problem}), flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
