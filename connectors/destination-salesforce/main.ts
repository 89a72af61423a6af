import { main } from '../kit/index.ts'
import { destinationSalesforce } from './destination.ts'

await main(destinationSalesforce)
