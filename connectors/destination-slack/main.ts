import { main } from '../kit/index.ts'
import { destinationSlack } from './destination.ts'

await main(destinationSlack)
