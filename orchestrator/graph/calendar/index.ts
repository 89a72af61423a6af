export { lastTick, nextTick } from './ticks.ts'
export { localDate, parseLocal, unitMinutes, windowsOf } from './windows.ts'
export { zone } from './zone.ts'
