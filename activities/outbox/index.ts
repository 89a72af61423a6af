export { dispatch, type Channel } from './dispatch.ts'
