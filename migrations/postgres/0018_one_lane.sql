-- All ports of a host are one lane.
update targets set host = regexp_replace(host, ':[0-9]+$', '') where host ~ ':[0-9]+$';
