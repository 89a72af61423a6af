export { openLineageContext, type OpenLineageContext } from './context.ts'
export { warehouseNaming, type OpenLineageNaming } from './naming.ts'
export { checkRunEvents, runEvents, type Fact } from './translate.ts'
