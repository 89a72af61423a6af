export * from './package-root.ts'
export * from './ports.ts'
export * from './private-file.ts'
export { spawnOwned, startOwned, type OwnedProcess, type ProcessEnd, type SpawnOptions } from './spawn.ts'
