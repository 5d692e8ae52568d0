// What tools learn of the schema from the server is what schema.graphql says, to the last default and description.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { buildClientSchema, buildSchema, getIntrospectionQuery, isSpecifiedDirective, isSpecifiedScalarType, lexicographicSortSchema, printSchema, validateSchema } from 'graphql';
import { ask } from '../../kit.mjs';

const file = buildSchema(readFileSync(new URL('../../../../schema.graphql', import.meta.url), 'utf8'));
const print = (schema) => printSchema(lexicographicSortSchema(schema)).split('\n');

/** The lines of one that the other has otherwise. */
const differences = (there, expected) => there.map((line, n) => (line === expected[n] ? '' : `${line} (expected: ${expected[n]})`)).filter(Boolean);

test('schema.graphql is valid', () => assert.deepEqual(validateSchema(file).map(String), []));

for (const [what, options] of [
    ['by the query of old tools', { descriptions: true }],
    ['by the query of new tools', { specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true }],
]) {
    test(`introspection ${what} is schema.graphql`, async () => {
        const introspection = await ask(getIntrospectionQuery(options));
        const schema = buildClientSchema(introspection);
        const old = (line) => line.replace(' @oneOf', '').replace(/ @specifiedBy\(url: "[^"]*"\)/, '');
        const expected = print(file).map((line) => (options.oneOf ? line : old(line)));
        assert.deepEqual(differences(print(schema), expected), []);
        assert.equal(print(schema).length, expected.length);
    });
}

test('the directives that every server has are there, and only such as are known', async () => {
    const { __schema: schema } = await ask(getIntrospectionQuery({ oneOf: true }));
    const names = schema.directives.map(({ name }) => name);
    for (const name of ['skip', 'include', 'deprecated', 'specifiedBy', 'oneOf']) assert.ok(names.includes(name), `${name} is not in ${names}`);
    assert.deepEqual(file.getDirectives().filter((directive) => !isSpecifiedDirective(directive)).map(String), []);
});

test('every type can be asked for by its name', async () => {
    const names = Object.keys(file.getTypeMap()).filter((name) => !name.startsWith('__'));
    const types = {};
    // A request may have 200 aliases.
    for (let n = 0; n < names.length; n += 100) {
        const aliases = names.slice(n, n + 100).map((name) => `${name}: __type(name: "${name}") { kind name description }`);
        Object.assign(types, await ask(`{ ${aliases.join(' ')} }`));
    }
    for (const name of names) {
        assert.equal(types[name].name, name);
        assert.ok(isSpecifiedScalarType(file.getType(name)) || types[name].description, `${name} has no description`);
    }
});
