-- Who may sign in. The tables are those of ASP.NET Core Identity (schema version 3) under plain names; the
-- constraints are what the portal relies on.

create schema identity;
comment on schema identity is 'Accounts of the portal: who may sign in, as what, and for which worker or hospitals.';

create table identity.account (
    id                      text primary key,
    display_name            text not null check (btrim(display_name) <> ''),
    worker_id               bigint unique references public.worker,
    is_disabled             boolean not null default false,
    user_name               varchar(256) not null,
    normalized_user_name    varchar(256) not null unique,
    email                   varchar(256) not null,
    normalized_email        varchar(256) not null unique,
    email_confirmed         boolean not null default false,
    password_hash           text,
    security_stamp          text not null,
    concurrency_stamp       text,
    phone_number            varchar(256),
    phone_number_confirmed  boolean not null default false,
    two_factor_enabled      boolean not null default false,
    lockout_end             timestamptz,
    lockout_enabled         boolean not null default true,
    access_failed_count     integer not null default 0
);

comment on table identity.account is 'Somebody who can sign in.';
comment on column identity.account.id is 'Number of the account, a UUID as text; never shown.';
comment on column identity.account.display_name is 'The person''s name as others see it.';
comment on column identity.account.worker_id is 'The worker this account belongs to; null for everyone who is not a worker.';
comment on column identity.account.is_disabled is 'May no longer sign in; open sessions end within the revalidation interval.';
comment on column identity.account.user_name is 'What is typed to sign in; the e-mail address.';
comment on column identity.account.normalized_user_name is 'user_name in capitals, which is what is looked up.';
comment on column identity.account.email is 'E-mail address.';
comment on column identity.account.normalized_email is 'email in capitals, which is what is looked up.';
comment on column identity.account.email_confirmed is 'Whether the address was proved to be the person''s own.';
comment on column identity.account.password_hash is 'Salted PBKDF2 hash; null when there is no password.';
comment on column identity.account.security_stamp is 'Changes with everything that must end other sessions, such as a new password.';
comment on column identity.account.concurrency_stamp is 'Changes with every write, so that two writers notice each other.';
comment on column identity.account.phone_number is 'Telephone number; not used.';
comment on column identity.account.phone_number_confirmed is 'Not used.';
comment on column identity.account.two_factor_enabled is 'Whether a second factor is asked for.';
comment on column identity.account.lockout_end is 'Until when signing in is refused after too many wrong passwords.';
comment on column identity.account.lockout_enabled is 'Whether wrong passwords lock the account.';
comment on column identity.account.access_failed_count is 'Wrong passwords since the last right one.';

create table identity.account_hospital (
    account_id   text not null references identity.account on delete cascade,
    hospital_id  bigint not null references public.hospital,
    primary key (account_id, hospital_id)
);

comment on table identity.account_hospital is 'Which hospitals a member of hospital staff decides for.';
comment on column identity.account_hospital.account_id is 'The account.';
comment on column identity.account_hospital.hospital_id is 'A hospital it decides for.';

create index account_hospital_hospital_idx on identity.account_hospital (hospital_id);

create table identity.role (
    id                 text primary key,
    name               varchar(256) not null,
    normalized_name    varchar(256) not null unique,
    concurrency_stamp  text
);

comment on table identity.role is 'What an account can be.';
comment on column identity.role.id is 'The role.';
comment on column identity.role.name is 'Worker, HospitalStaff or Admin.';
comment on column identity.role.normalized_name is 'name in capitals, which is what is looked up.';
comment on column identity.role.concurrency_stamp is 'Changes with every write.';

insert into identity.role (id, name, normalized_name) values
    ('worker', 'Worker', 'WORKER'),
    ('hospital-staff', 'HospitalStaff', 'HOSPITALSTAFF'),
    ('admin', 'Admin', 'ADMIN');

create table identity.account_role (
    account_id  text not null references identity.account on delete cascade,
    role_id     text not null references identity.role,
    primary key (account_id, role_id),
    constraint account_role_one_each unique (account_id)
);

comment on table identity.account_role is 'What each account is: exactly one role.';
comment on column identity.account_role.account_id is 'The account.';
comment on column identity.account_role.role_id is 'Its role.';

create index account_role_role_idx on identity.account_role (role_id);

create table identity.role_claim (
    id           integer generated by default as identity primary key,
    role_id      text not null references identity.role on delete cascade,
    claim_type   text,
    claim_value  text
);

comment on table identity.role_claim is 'Part of Identity; not used.';
comment on column identity.role_claim.id is 'Number of the claim.';
comment on column identity.role_claim.role_id is 'The role.';
comment on column identity.role_claim.claim_type is 'What is claimed.';
comment on column identity.role_claim.claim_value is 'Its value.';

create index role_claim_role_idx on identity.role_claim (role_id);

create table identity.account_claim (
    id           integer generated by default as identity primary key,
    account_id   text not null references identity.account on delete cascade,
    claim_type   text,
    claim_value  text
);

comment on table identity.account_claim is 'Part of Identity; not used.';
comment on column identity.account_claim.id is 'Number of the claim.';
comment on column identity.account_claim.account_id is 'The account.';
comment on column identity.account_claim.claim_type is 'What is claimed.';
comment on column identity.account_claim.claim_value is 'Its value.';

create index account_claim_account_idx on identity.account_claim (account_id);

create table identity.account_login (
    login_provider         varchar(128) not null,
    provider_key           varchar(128) not null,
    provider_display_name  text,
    account_id             text not null references identity.account on delete cascade,
    primary key (login_provider, provider_key)
);

comment on table identity.account_login is 'Sign-ins through other services; part of Identity, not used.';
comment on column identity.account_login.login_provider is 'The service.';
comment on column identity.account_login.provider_key is 'Who the person is there.';
comment on column identity.account_login.provider_display_name is 'Name of the service.';
comment on column identity.account_login.account_id is 'The account.';

create index account_login_account_idx on identity.account_login (account_id);

create table identity.account_token (
    account_id      text not null references identity.account on delete cascade,
    login_provider  varchar(128) not null,
    name            varchar(128) not null,
    value           text,
    primary key (account_id, login_provider, name)
);

comment on table identity.account_token is 'Secrets of second factors.';
comment on column identity.account_token.account_id is 'The account.';
comment on column identity.account_token.login_provider is 'What the secret is for.';
comment on column identity.account_token.name is 'Name of the secret.';
comment on column identity.account_token.value is 'The secret.';

create table identity.account_passkey (
    credential_id  bytea primary key check (octet_length(credential_id) <= 1024),
    account_id     text not null references identity.account on delete cascade,
    data           jsonb not null
);

comment on table identity.account_passkey is 'Passkeys an account can sign in with.';
comment on column identity.account_passkey.credential_id is 'Number of the passkey, given by the device.';
comment on column identity.account_passkey.account_id is 'The account.';
comment on column identity.account_passkey.data is 'Public key, name and counter.';

create index account_passkey_account_idx on identity.account_passkey (account_id);

create table identity.data_protection_key (
    id             integer generated by default as identity primary key,
    friendly_name  text,
    xml            text
);

comment on table identity.data_protection_key is 'Keys that protect cookies and forms. In the database, so that a restart keeps people signed in.';
comment on column identity.data_protection_key.id is 'Number of the key.';
comment on column identity.data_protection_key.friendly_name is 'Name of the key.';
comment on column identity.data_protection_key.xml is 'The key itself: whoever reads it can forge a session.';

grant usage on schema identity to portal_app;
grant select on identity.role, identity.role_claim to portal_app;
grant select, insert, update, delete on identity.account, identity.account_hospital, identity.account_role,
    identity.account_claim, identity.account_login, identity.account_token, identity.account_passkey to portal_app;
grant select, insert, delete on identity.data_protection_key to portal_app;
