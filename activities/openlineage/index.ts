export { publish, type PublisherDeps } from './publish.ts'
export { createTransport, type TransportConfig } from './transport.ts'
