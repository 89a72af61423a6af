import { main } from '../kit/index.ts'
import { destinationBraze } from './destination.ts'

await main(destinationBraze)
