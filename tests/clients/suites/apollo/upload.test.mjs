// apollo-upload-client: a file goes up by a mutation, and the import of it is watched over a socket.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { CREATE_IMPORT, IMPORT_PROGRESS, START_IMPORT, assertWatched, countOf, importInput, peopleFile, startInput } from '../../kit.mjs';
import { connect, parse } from './kit.mjs';

test('a file is uploaded, its import started, and watched to its end', async () => {
    const client = connect();
    const people = peopleFile(200);
    const created = await client.mutate({ mutation: parse(CREATE_IMPORT), variables: { input: importInput(people.file) } });
    const { import: made, userErrors } = created.data.createImport;
    assert.deepEqual(userErrors, []);
    assert.deepEqual([made.status, made.fileName, made.inspection.rowCount], ['INSPECTED', people.file.name, people.count]);
    assert.deepEqual(made.mapping.map(({ column }) => column?.key), ['firstName', 'lastName', 'email', 'account']);

    const started = await client.mutate({ mutation: parse(START_IMPORT), variables: { input: startInput(made.id) } });
    assert.deepEqual(started.data.startImport.userErrors, []);
    const states = [];
    await new Promise((resolve, reject) => {
        client.subscribe({ query: parse(IMPORT_PROGRESS), variables: { id: made.id } }).subscribe({
            next: ({ data, error }) => (error ? reject(error) : states.push(data.importProgress)),
            error: reject,
            complete: resolve,
        });
    });
    assertWatched(states, people);
    assert.equal(await countOf(people.city), people.count);
});

test('a Blob has no name, and is taken all the same', async () => {
    const { file } = peopleFile(2);
    const { data } = await connect().mutate({ mutation: parse(CREATE_IMPORT), variables: { input: importInput(new Blob([file])) } });
    assert.deepEqual(data.createImport.userErrors, []);
    assert.equal(data.createImport.import.inspection.rowCount, 2);
});

test('an empty file is refused for a reason', async () => {
    const { data } = await connect().mutate({
        mutation: parse('mutation ($input: CreateImportInput!) { createImport(input: $input) { import { status failure { code } } userErrors { code } } }'),
        variables: { input: importInput(new File([], 'empty.csv')) },
    });
    assert.deepEqual([data.createImport.import.status, data.createImport.import.failure.code], ['FAILED', 'EMPTY_FILE']);
});
