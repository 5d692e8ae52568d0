// Apollo Client as an application sets it up: uploads and requests by HTTP, subscriptions by WebSocket.
import { ApolloClient, ApolloLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { authorization, endpoint, socketEndpoint } from '../../kit.mjs';

export const parse = (text) => gql(text);
export const headers = { authorization };

/** A client; `http` is the link that sends what is no subscription. */
export function connect(http = new UploadHttpLink({ uri: endpoint, headers })) {
    const socket = createClient({ url: socketEndpoint, webSocketImpl: WebSocket, connectionParams: { authorization } });
    const subscribes = ({ query }) => getMainDefinition(query).operation === 'subscription';
    const cache = new InMemoryCache({ typePolicies: { Query: { fields: { contacts: relayStylePagination(['filter']) } } } });
    return new ApolloClient({ cache, link: ApolloLink.split(subscribes, new GraphQLWsLink(socket), http) });
}
