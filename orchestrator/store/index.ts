export { createStore } from './create-store.ts'
export { migrate } from './migrations/migrate.ts'
export type * from './store.ts'
