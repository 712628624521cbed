-- All ports of a host are one lane.
update targets set host = substr(host, 1, instr(host, ']')) where host like '[%]:%';
update targets set host = substr(host, 1, instr(host, ':') - 1) where host like '%:%' and host not like '[%';
