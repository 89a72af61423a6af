export { readPurchasesCsv } from './csv.ts'
export {
  eventColumns,
  generatorVersion,
  simulatedTracker,
  type EventColumn,
  type Genre,
  type WebEvent,
} from './event.ts'
export { generateEvents, type EventOptions } from './events.ts'
export type { Purchase } from './purchase.ts'
export { generatePurchases, type SyntheticCustomers } from './purchases.ts'
export { writeEventsCsv, writePurchasesCsv, type WriteOptions, type Written } from './write.ts'
