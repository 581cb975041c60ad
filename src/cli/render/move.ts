import { type CohortStatus, type MoveReport, shellWord, type UnsyncedDevice } from '../../controller.ts';
import type { Answer, Terminal } from '../terminal.ts';
import { counted, hanging, moment, printable } from '../text.ts';
import { renderGates } from './gates.ts';
import { listing } from './listing.ts';
import { renderStatus } from './status.ts';

/**
 * Why a command that moves cohorts went no further, and where they stand. What it did was said step by step while it did it;
 * what it would do is said here.
 */
export function renderMove(report: MoveReport, terminal: Terminal): Answer {
  const { outcome } = report;
  const held = outcome === 'failed' || outcome === 'not-yet';
  const text = held ? renderHeld(report, terminal) : renderMoved(report, terminal);
  const exit = outcome === 'failed' ? 3 : outcome === 'not-yet' ? 4 : 0;
  return { json: report, text, exit };
}

function renderMoved(report: MoveReport, terminal: Terminal): string {
  const steps = report.outcome === 'would' ? report.steps : [];
  return [
    ...steps.map((step) => hanging('would  ', step, terminal.width)),
    hanging('', sentence(report.because), terminal.width),
    ...foreseen(report, terminal),
    ...(report.cohorts.length > 0 ? ['', renderStatus(report, terminal)] : []),
  ].join('\n');
}

/** Whom a rollback touches beyond what it takes back. */
function foreseen(
  { cohorts, unmirrored, unsynced, unsyncedTotal }: MoveReport,
  terminal: Terminal,
): string[] {
  const names = cohorts.map(({ name }) => shellWord(name)).join(' ');
  const command = `dualpath rollback ${names} --dry-run --json`;
  const constructs = (unmirrored ?? []).map(({ document, constructs }): [string, string] => [
    document,
    counted(constructs, 'construct'),
  ]);
  const devices = (unsynced ?? []).map((each): [string, string] => [each.document, describeDevice(each)]);
  const lists = [
    { title: 'Legacy editors do not show:', rows: constructs, about: 'holds', total: constructs.length },
    { title: 'Not pushed yet:', rows: devices, about: 'device', total: unsyncedTotal ?? 0 },
  ];
  return lists
    .filter(({ rows }) => rows.length > 0)
    .flatMap((list) => ['', listing({ ...list, command }, terminal)]);
}

function describeDevice({ device, at, head, acknowledged, pendingBytes }: UnsyncedDevice): string {
  const edits = head === null ? [] : [`edits to ${head}, acknowledged to ${acknowledged ?? 'none'}`];
  const bytes = pendingBytes === null ? [] : [`${counted(pendingBytes, 'byte')} pending`];
  return [printable(device), ...edits, ...bytes, `seen ${moment(at)}`].join(', ');
}

/** Gate by gate where gates are the reason, in a sentence where they are not. */
function renderHeld(report: MoveReport, terminal: Terminal): string {
  const { colors, width } = terminal;
  const colour = report.outcome === 'failed' ? colors.red : colors.yellow;
  const open = report.cohorts.filter((cohort) => unmet(cohort) > 0);
  const because = open.flatMap((cohort) => [
    colour(
      `${cohort.name} stays ${cohort.stage}: ${counted(unmet(cohort), 'gate does', 'gates do')} not pass.`,
    ),
    renderGates(cohort.gates, terminal),
    '',
  ]);
  return [
    ...(open.length > 0 ? because : [colour(hanging('', sentence(report.because), width)), '']),
    ...(report.remedy ? [hanging('do → ', terminal.pasteable(report.remedy), width), ''] : []),
    renderStatus(report, terminal, open.length === 0),
  ].join('\n');
}

const unmet = ({ gates }: CohortStatus): number => gates.filter((gate) => gate.verdict !== 'pass').length;

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
