import type { Language } from './language.ts';
import { commands, sourceInputs } from './targets.ts';

const technologies = ['lua'];

/** Lua: the script is loaded as it is, so there is nothing to build. */
export const lua: Language = {
  id: 'lua',
  title: 'Lua',
  tools: [
    { command: 'luajit', install: 'apt-get install luajit, brew install luajit, or https://luajit.org' },
    {
      command: 'busted',
      install: 'apt-get install lua-busted, or luarocks --lua-version=5.1 install busted',
    },
    {
      command: 'luacheck',
      install: 'apt-get install lua-check, or luarocks --lua-version=5.1 install luacheck',
    },
  ],
  refuseName: () => undefined,
  targets: () => ({
    test: commands('Runs the specs of the script in LuaJIT, outside Envoy', ['busted'], {
      inputs: [...sourceInputs(), { externalDependencies: [] }],
      technologies,
    }),
    lint: commands('Checks the script with luacheck', ['luacheck .'], {
      inputs: [...sourceInputs(), { externalDependencies: [] }],
      technologies,
    }),
  }),
  join: () => undefined,
};
