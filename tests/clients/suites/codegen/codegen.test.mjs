// graphql-codegen over operations of every kind, and tsc over what it writes and over its use.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema, isScalarType, isSpecifiedScalarType, parse, print, separateOperations } from 'graphql';
import { ask, createContact, startImport, unique } from '../../kit.mjs';
import config from './codegen.config.mjs';
import { mutations } from './mutations.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const generated = path('../../generated/codegen/');
const text = readFileSync(path('../../../../schema.graphql'), 'utf8');
const schema = buildSchema(text);

function runTool(tool, ...args) {
    try {
        execFileSync(process.execPath, [path(`../../node_modules/${tool}`), ...args], { cwd: path('.'), encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
        assert.fail(`${error.stdout}${error.stderr}`);
    }
}

rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });
writeFileSync(`${generated}mutations.graphql`, mutations(text).join(''));

test('every scalar has a type', () => {
    const [{ config: options }] = Object.values(config.generates);
    const custom = Object.values(schema.getTypeMap()).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type));
    assert.deepEqual(custom.map(({ name }) => name).sort(), Object.keys(options.scalars).filter((name) => name !== 'ID').sort());
});

test('types are written, for each mutation too, and none is any', () => {
    runTool('@graphql-codegen/cli/cjs/bin.js', '--config', 'codegen.config.mjs');
    const written = readFileSync(`${generated}client/graphql.ts`, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    for (const name of Object.keys(schema.getMutationType().getFields())) {
        assert.ok(written.includes(`export type ${name[0].toUpperCase()}${name.slice(1)}Mutation = `), name);
    }
    assert.deepEqual(written.match(/.*\bany\b.*/g), null);
});

test('the types are right, and fit their use', () => {
    runTool('typescript/bin/tsc', '-p', 'tsconfig.json');
});

test('the server answers each query that the types are of', async () => {
    const account = unique('account');
    const contact = await createContact({ name: 'Ann', account, tagNames: [account], attributes: [{ key: unique('seats'), value: 3.5, type: 'NUMBER' }] });
    const { id } = await startImport(3);
    const files = ['contacts', 'jobs', 'talk'].map((name) => readFileSync(path(`operations/${name}.graphql`), 'utf8'));
    const operations = separateOperations(parse(files.join('\n')));
    const run = (operation, variables) => ask(print(operations[operation]), variables);
    const { contacts: found } = await run('Contacts', { columns: ['account'], filter: { account: { eq: account } } });
    assert.deepEqual(found.rows, [[account]]);
    const one = await run('Contact', { id: contact.id });
    assert.deepEqual(one.contact.attributes.map(({ __typename, number }) => [__typename, number]), [['NumberValue', 3.5]]);
    assert.equal((await run('Things', { ids: [contact.id, 'segment_987654321'] })).nodes[1], null);
    assert.ok((await run('Table')).columns.length > 10);
    assert.ok((await run('Imports')).imports.nodes.some((made) => made.id === id));
    assert.deepEqual((await run('Talk', { contactId: contact.id })).messages.nodes, []);
    assert.deepEqual((await run('Broadcasts')).broadcasts.nodes, []);
    assert.ok((await run('People')).apiTokens.length > 0);
});
