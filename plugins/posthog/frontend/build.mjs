// Copies the scripts of posthog-js that pages load into the Python package, each also compressed. No source maps, no types, no editors' files.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

// Entry points for bundlers and parts of rrweb: a page never asks a server for them.
const FOR_BUNDLERS = /^(main|default-extensions|rrweb.*)\.js$/;

const packageFile = createRequire(import.meta.url).resolve('posthog-js/package.json');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8'));
const from = join(dirname(packageFile), 'dist');
const to = join(import.meta.dirname, '..', 'jackfield_posthog', 'static');

rmSync(to, { recursive: true, force: true });
mkdirSync(to, { recursive: true });
const files = readdirSync(from).filter((file) => file.endsWith('.js') && !FOR_BUNDLERS.test(file));
for (const file of files) {
  copyFileSync(join(from, file), join(to, file));
  writeFileSync(join(to, `${file}.gz`), gzipSync(readFileSync(join(from, file)), { level: 9 }));
}
writeFileSync(join(to, 'version.txt'), `${version}\n`);
console.log(`posthog-js ${version}: ${files.length} scripts`);
