export { judgeFreshness } from './judge.ts'
export { withWindows } from './windows.ts'
