export { judgeFreshness } from './judge.ts'
