import { main } from '../kit/index.ts'
import { destinationFiles } from './destination.ts'

await main(destinationFiles)
