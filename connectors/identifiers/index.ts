export { formOf, identify, normalise, platforms, sha256, type Identifier, type Platform } from './identify.ts'
export { identifierKinds, type Hints, type IdentifierKind } from './platform.ts'
