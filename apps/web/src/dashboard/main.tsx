// The dashboard: a run as its event log tells it.
import { mountPage } from '../shell/shell.tsx';
import { Dashboard } from './dashboard.tsx';

mountPage('dashboard', <Dashboard />);
