import { main } from '../kit/index.ts'
import { destinationRudderstack } from './destination.ts'

await main(destinationRudderstack)
