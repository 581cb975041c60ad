#!/usr/bin/env node
import { main, tolerateClosedPipes } from '../dist/cli/main.js';

tolerateClosedPipes();
process.exitCode = await main(process.argv.slice(2));
