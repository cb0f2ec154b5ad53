// Runs a guarded process until it is killed: `node hold.ts`. Prints the guard's directory and the process' id.
import { start } from '../../lib/exec.ts';
import { startGuard } from '../guard.ts';

const guard = await startGuard();
const child = await start({
  command: process.execPath,
  args: ['-e', 'setInterval(() => {}, 1000)', guard.home],
});
guard.watch(child);
if (process.argv[2] === 'release') {
  child.kill();
  guard.release();
}
console.log(JSON.stringify({ home: guard.home, pid: child.pid }));
