import { main } from '../kit/index.ts'
import { destinationMetaAds } from './destination.ts'

await main(destinationMetaAds)
