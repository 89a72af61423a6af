import { main } from '../kit/index.ts'
import { destinationWebhook } from './destination.ts'

await main(destinationWebhook)
