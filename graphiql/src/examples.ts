// What the tabs hold at first: the README's first five minutes.

export const WELCOME = `# Roster: contacts, segments, imports, broadcasts.
#
# Ctrl-Enter runs this, Ctrl-Space proposes fields,
# and the book at the left describes all of them.
# Esc, then Tab leaves an editor.
#
# The other tabs go on from here: upload a file,
# start its import, watch it.
query Welcome {
  viewer { role member { name } }
  workspace { name timeZone }
  contacts(first: 5) {
    totalCount { value exact }
    nodes { id displayName email phone }
    pageInfo { hasNextPage endCursor }
  }
}`;

const UPLOAD = `# Open the Files panel, by the paper clip at the
# left, and choose a CSV file there, such as
# examples/contacts.csv. It takes the place of the
# null below. It is looked at; nothing goes in yet.
mutation Upload($input: CreateImportInput!) {
  createImport(input: $input) {
    import {
      id
      status
      inspection { encoding delimiter rowCount }
      mapping { header column { key } }
    }
    userErrors { field code message }
  }
}`;

const START = `# The id is in the answer to Upload. Headers that
# it did not recognise become attributes here.
mutation Start($input: StartImportInput!) {
  startImport(input: $input) {
    import { id status }
    userErrors { field code message }
  }
}`;

const WATCH = `# The present state at once, then each change, and
# always the last one.
subscription Watch($id: ID!) {
  importProgress(id: $id) {
    status
    progress { done total }
    createdCount
    updatedCount
    unchangedCount
    failedCount
    duplicateCount
  }
}`;

const attribute = (header: string, key: string, type: string) => ({ header, newAttribute: { key, type } });

const MAPPING = [
  attribute("City", "city", "TEXT"),
  attribute("Plan", "plan", "TEXT"),
  attribute("Seats", "seats", "NUMBER"),
  attribute("Customer Since", "customer_since", "DATE"),
  attribute("Newsletter", "newsletter", "BOOLEAN"),
];

const json = (value: unknown) => JSON.stringify(value, null, 2);

export const EXAMPLES = [
  { query: WELCOME },
  { query: UPLOAD, variables: json({ input: { file: null, country: "US", consentConfirmed: true } }) },
  { query: START, variables: json({ input: { id: "import_1", matchBy: ["EMAIL"], mapping: MAPPING } }) },
  { query: WATCH, variables: json({ id: "import_1" }) },
];
