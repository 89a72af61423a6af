import { main } from '../kit/index.ts'
import { destinationMixpanel } from './destination.ts'

await main(destinationMixpanel)
