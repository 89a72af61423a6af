import { main } from '../kit/index.ts'
import { destinationSnowplow } from './destination.ts'

await main(destinationSnowplow)
