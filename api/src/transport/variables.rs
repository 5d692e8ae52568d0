//! Whether a request brings the variables that its operation requires. async-graphql finds a missing one only where it is used, and then
//! says nothing that a client could act on.

use async_graphql::{Request, Response, ServerError, Value};

use super::parameters;

/// A request error (GraphQL, 6.1.2) for each required variable that is missing or null; none where all are there.
pub(super) fn missing(request: &mut Request) -> Option<Response> {
    let given = std::mem::take(&mut request.variables);
    let errors = parameters::operation(request).map_or_else(Vec::new, |operation| {
        let required = operation
            .variable_definitions
            .iter()
            .filter(|definition| !definition.node.var_type.node.nullable);
        required
            .filter_map(|definition| {
                let (name, of_type) = (&definition.node.name.node, &definition.node.var_type.node);
                let message = match given.get(name) {
                    None if definition.node.default_value.is_some() => return None,
                    None => format!(
                        "Variable \"${name}\" of required type \"{of_type}\" was not provided."
                    ),
                    Some(Value::Null) => {
                        format!(
                            "Variable \"${name}\" of non-null type \"{of_type}\" must not be null."
                        )
                    }
                    Some(_) => return None,
                };
                Some(ServerError::new(message, Some(definition.pos)))
            })
            .collect()
    });
    request.variables = given;
    (!errors.is_empty()).then(|| Response::from_errors(errors))
}
