// Apollo Client: queries, mutations, pages, and the cache that holds things by their ids.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { CombinedGraphQLErrors, ServerError } from '@apollo/client';
import { HttpLink } from '@apollo/client/link/http';
import { CREATE_CONTACT, authorization, createContact, endpoint, unique } from '../../kit.mjs';
import { connect, headers, parse } from './kit.mjs';

const CONTACT = parse('query ($id: ID!) { contact(id: $id) { id name version } }');

test('a query, by POST and by GET', async () => {
    const { id } = await createContact({ name: 'Ann ü' });
    for (const useGETForQueries of [false, true]) {
        const methods = [];
        const keep = (uri, init) => (methods.push(init.method), fetch(uri, init));
        const client = connect(new HttpLink({ uri: endpoint, headers, fetch: keep, useGETForQueries }));
        const { data } = await client.query({ query: CONTACT, variables: { id } });
        assert.deepEqual(data, { contact: { __typename: 'Contact', id, name: 'Ann ü', version: 1 } });
        assert.deepEqual(methods, [useGETForQueries ? 'GET' : 'POST']);
    }
});

test('what a person can mend is data', async () => {
    const { data, error } = await connect().mutate({ mutation: parse(CREATE_CONTACT), variables: { input: { contact: { email: 'no address' } } } });
    assert.equal(error, undefined);
    assert.equal(data.createContact.contact, null);
    const [{ code, field, message }] = data.createContact.userErrors;
    assert.deepEqual([code, field], ['EMAIL_INVALID', ['contact', 'email']]);
    assert.ok(message.length > 10);
});

test('a change is seen by who watches the thing', async () => {
    const { id } = await createContact({ name: 'before' });
    const client = connect();
    const names = [];
    let seen;
    const after = new Promise((resolve) => (seen = resolve));
    const watching = client.watchQuery({ query: CONTACT, variables: { id } }).subscribe(({ data }) => {
        if (!data?.contact) return;
        names.push(data.contact.name);
        if (names.length === 2) seen();
    });
    await client.query({ query: CONTACT, variables: { id } });
    const mutation = parse(`mutation ($input: UpdateContactInput!) {
        updateContact(input: $input) { contact { id name version } userErrors { code } } }`);
    await client.mutate({ mutation, variables: { input: { id, contact: { name: 'after' }, ifVersion: 1 } } });
    await after;
    watching.unsubscribe();
    assert.deepEqual(names, ['before', 'after']);
});

test('pages are joined as Relay has them', async () => {
    const account = unique('account');
    for (const name of ['a', 'b', 'c', 'd', 'e']) await createContact({ name, account });
    const query = parse(`query ($filter: ContactFilter, $after: String) {
        contacts(filter: $filter, orderBy: [{ column: "name" }], first: 2, after: $after) {
            edges { cursor node { id name } } pageInfo { hasNextPage endCursor } } }`);
    const variables = { filter: { account: { eq: account } } };
    const client = connect();
    const pages = client.watchQuery({ query, variables });
    let { contacts } = (await client.query({ query, variables })).data;
    while (contacts.pageInfo.hasNextPage) {
        ({ contacts } = (await pages.fetchMore({ variables: { after: contacts.pageInfo.endCursor } })).data);
    }
    const data = client.readQuery({ query, variables });
    assert.deepEqual(data.contacts.edges.map(({ node }) => node.name), ['a', 'b', 'c', 'd', 'e']);
});

test('an error of the document, of a field and of the token are told apart', async () => {
    const client = connect();
    await assert.rejects(client.query({ query: parse('{ nothing }') }), (error) => {
        assert.ok(CombinedGraphQLErrors.is(error), error);
        assert.equal(error.errors[0].extensions.code, 'BAD_USER_INPUT');
        return true;
    });
    const query = parse('{ contacts(first: 501) { nodes { id } } }');
    const { data, error } = await client.query({ query, errorPolicy: 'all' });
    assert.ok(!data, JSON.stringify(data));
    assert.deepEqual(error.errors[0].path, ['contacts']);
    const refused = connect(new HttpLink({ uri: endpoint, headers: { authorization: `${authorization}x` } }));
    await assert.rejects(refused.query({ query: CONTACT, variables: { id: '1' } }), (error) => {
        assert.ok(CombinedGraphQLErrors.is(error) || ServerError.is(error), error);
        assert.match(JSON.stringify([error.errors, error.bodyText]), /UNAUTHENTICATED/);
        return true;
    });
});
