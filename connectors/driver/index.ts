export * from './driver.ts'
export * from './operations.ts'
export { resolveConnector, type ResolveOptions } from './resolve.ts'
export { openWrite } from './session.ts'
