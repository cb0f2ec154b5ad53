// Written by `npm run generate` from templates/*/template.yaml; do not edit.

import type { GeneratorCallback, Tree } from '@nx/devkit';
import { fromTemplate, type CommonOptions } from './from-template.ts';
