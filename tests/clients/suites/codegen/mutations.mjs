// Writes an operation for each mutation of the schema, with all that its payload has down to two levels: what is new is tried at once.
import { buildSchema, getNamedType, isAbstractType, isLeafType } from 'graphql';

const DEPTH = 2;

function selection(type, depth) {
    const named = getNamedType(type);
    if (isLeafType(named)) return '';
    if (isAbstractType(named) || depth === 0) return ' { __typename }';
    const fields = Object.values(named.getFields()).filter(({ args }) => args.every(({ type, defaultValue }) => defaultValue !== undefined || !String(type).endsWith('!')));
    return ` { ${fields.map((field) => field.name + selection(field.type, depth - 1)).join(' ')} }`;
}

export function mutations(text) {
    const fields = Object.values(buildSchema(text).getMutationType().getFields());
    return fields.map(({ name, args, type }) => {
        const given = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
        const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
        return `mutation ${name[0].toUpperCase()}${name.slice(1)}(${given}) { ${name}(${passed})${selection(type, DEPTH)} }\n`;
    });
}
