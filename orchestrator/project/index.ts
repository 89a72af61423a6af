export { compileProject } from './compile.ts'
export { createDbtParser } from './dbt/parser.ts'
export { diffManifests } from './diff.ts'
export { loadProject } from './load.ts'
