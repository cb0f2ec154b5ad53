// Written by `npm run generate` from templates/*/template.yaml; do not edit.

import { fromTemplate, type CommonOptions } from './from-template.ts';
