import { main } from '../kit/index.ts'
import { destinationSegment } from './destination.ts'

await main(destinationSegment)
