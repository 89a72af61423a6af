import { main } from '../kit/index.ts'
import { destinationPostgres } from './destination.ts'

await main(destinationPostgres)
