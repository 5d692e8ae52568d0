// relay-compiler over the documents of src: it takes the schema, its types fit their use, and the server answers what it wrote.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ask, createContact, startImport, unique } from '../../kit.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const tool = (path) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const generated = fileURLToPath(new URL('../../generated/relay/', import.meta.url));

function runTool(path, ...args) {
    try {
        return execFileSync(process.execPath, [tool(path), ...args], { cwd: here, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
        assert.fail(`${error.stdout}${error.stderr}`);
    }
}

rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });
writeFileSync(`${generated}queries.json`, '{}');

test('the documents are compiled', () => {
    assert.match(runTool('relay-compiler/cli.js', 'relay.config.json', '--noWatchman'), /compiled documents: 18 reader, 13 normalization/);
});

test('the types that it writes fit their use', () => {
    runTool('typescript/bin/tsc', '-p', 'tsconfig.json');
});

test('the server answers each query and mutation that it wrote', async () => {
    const texts = Object.values(JSON.parse(readFileSync(`${generated}queries.json`, 'utf8')));
    const operations = new Map(texts.map((text) => [text.match(/^(?:query|mutation|subscription) (\w+)/)[1], text]));
    const account = unique('account');
    const contact = await createContact({ name: 'Ann', account, tagNames: [account] });
    const person = await createContact({ name: 'Ben', account });
    const made = await startImport(3);
    const columns = ['name', 'account'];
    const filter = { account: { eq: account } };
    const variables = {
        ContactDetailMessagesQuery: { contactId: contact.id, first: 3 },
        ContactDetailQuery: { id: contact.id },
        ContactDetailRefetchQuery: { id: contact.id, count: 3 },
        ContactRowCreateMutation: { input: { contact: { name: 'Cid', account } }, columns },
        ContactRowUpdateMutation: { input: { id: contact.id, contact: { title: 'Dr' } }, columns },
        ContactRowDeleteMutation: { input: { id: person.id } },
        ContactsPageQuery: { filter, columns },
        ContactsPageRefetchQuery: { filter, columns, first: 1, orderBy: [{ column: 'name' }] },
        ImportsPageErrorsQuery: { id: made.id },
        ImportsPageQuery: { count: 3 },
    };
    const answers = {};
    for (const [name, values] of Object.entries(variables)) answers[name] = await ask(operations.get(name), values);
    assert.deepEqual(answers.ContactsPageQuery.contacts.edges.map(({ node }) => node.displayName), ['Cid', 'Ann']);
    assert.equal(answers.ContactDetailRefetchQuery.node.id, contact.id);
    assert.equal(answers.ContactRowDeleteMutation.deleteContact.deletedId, person.id);
    assert.ok(answers.ImportsPageQuery.imports.edges.some(({ node }) => node.id === made.id));
    const left = [...operations.keys()].filter((name) => !(name in variables));
    // One goes up as a multipart request, two are subscriptions: other suites run such.
    assert.deepEqual(left.sort(), ['ContactsPageSubscription', 'ImportsPageCreateMutation', 'ImportsPageSubscription']);
});
