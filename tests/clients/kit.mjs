// What the suites share: where the server is, and real data made through its API.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

const { ROSTER_URL, ROSTER_TOKEN } = process.env;
assert.ok(ROSTER_URL && ROSTER_TOKEN, 'tests/clients/run starts a server and says where it is');

export const origin = ROSTER_URL;
export const endpoint = `${ROSTER_URL}/graphql`;
export const socketEndpoint = endpoint.replace(/^http/, 'ws');
export const authorization = `Bearer ${ROSTER_TOKEN}`;

/** A word that nothing else of this run has. */
export const unique = (word) => `${word}${randomUUID().replaceAll('-', '').slice(0, 10)}`;

export async function post(body, headers = {}, url = endpoint) {
    return fetch(url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
}

/** Asks, and answers the data; an error of any kind is the test's. */
export async function ask(query, variables, url = endpoint) {
    const response = await post({ query, variables }, {}, url);
    const { data, errors } = await response.json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
}

/** Does a mutation, and answers its payload, which must have nothing for a person to mend. */
export async function change(mutation, variables) {
    const [payload] = Object.values(await ask(mutation, variables));
    assert.deepEqual(payload.userErrors, []);
    return payload;
}

export const CREATE_CONTACT = `mutation CreateContact($input: CreateContactInput!) {
    createContact(input: $input) { contact { id name email version } userErrors { field code message } } }`;

export async function createContact(contact) {
    return (await change(CREATE_CONTACT, { input: { contact } })).contact;
}

export async function createTag() {
    const mutation = 'mutation ($input: CreateTagInput!) { createTag(input: $input) { tag { id name } userErrors { code } } }';
    return (await change(mutation, { input: { name: unique('tag') } })).tag;
}

/** A file of so many people whom nobody knows yet, all of one city. */
export function peopleFile(count, city = unique('Ö')) {
    const rows = Array.from({ length: count }, (_, n) => `Ann${n},Müller,${unique('ann')}@example.com,${city}`);
    return { city, count, file: new File([['First Name,Last Name,Email,Account', ...rows, ''].join('\n')], 'people ü.csv', { type: 'text/csv' }) };
}

export const CREATE_IMPORT = `mutation CreateImport($input: CreateImportInput!) { createImport(input: $input) {
    import { id status fileName inspection { encoding delimiter headers rowCount } mapping { header column { key } } }
    userErrors { field code message } } }`;

export const START_IMPORT = `mutation StartImport($input: StartImportInput!) { startImport(input: $input) {
    import { id status } userErrors { field code message } } }`;

export const IMPORT_PROGRESS = `subscription ImportProgress($id: ID!) {
    importProgress(id: $id) { id status progress { total done } createdCount failedCount } }`;

/** The input of createImport, as every client's suite uploads it. */
export const importInput = (file) => ({ file, country: 'DE', consentConfirmed: true });

/** Uploads a file as the multipart request specification has it, with nothing but fetch. */
export async function upload(file) {
    const form = new FormData();
    form.append('operations', JSON.stringify({ query: CREATE_IMPORT, variables: { input: importInput(null) } }));
    form.append('map', JSON.stringify({ 0: ['variables.input.file'] }));
    form.append('0', file);
    const response = await fetch(endpoint, { method: 'POST', headers: { authorization }, body: form });
    const { data, errors } = await response.json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    assert.deepEqual(data.createImport.userErrors, []);
    return data.createImport.import;
}

/** What `startImport` takes for an import of [`peopleFile`]. */
export const startInput = (id) => ({ id, matchBy: ['EMAIL'] });

/** An import that is on its way. */
export async function startImport(count) {
    const people = peopleFile(count);
    const { id } = await upload(people.file);
    await change(START_IMPORT, { input: startInput(id) });
    return { id, ...people };
}

/** What every watcher of an import must have seen: counts that only grow, and the whole at the end. */
export function assertWatched(states, { count }) {
    assert.ok(states.length > 0, 'nothing was seen');
    const done = states.map((state) => state.progress.done);
    assert.deepEqual(done, done.toSorted((a, b) => a - b));
    const { status, createdCount, failedCount, progress } = states.at(-1);
    assert.deepEqual({ status, createdCount, failedCount, done: progress.done }, { status: 'COMPLETED', createdCount: count, failedCount: 0, done: count });
}

/** How many contacts have this in their account column. */
export async function countOf(city) {
    const query = 'query ($filter: ContactFilter) { contacts(filter: $filter) { totalCount { value } } }';
    return (await ask(query, { filter: { account: { eq: city } } })).contacts.totalCount.value;
}
